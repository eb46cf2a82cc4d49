"""What requests and forms say, as models that both edges parse with: what one refuses, the other refuses."""
