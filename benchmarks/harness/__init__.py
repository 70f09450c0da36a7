"""What every measurement is made with: options, programs, progress, plots, results and reports."""
