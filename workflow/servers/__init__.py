"""The parts behind `workflow.embedded`: where the private servers live, who runs them and how."""
