"""Small front-ends that embed the relay as a platform would."""
