"""What people see and hear of outages: networks that go, come back, or become others."""
