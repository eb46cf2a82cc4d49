"""The pure rules: frozen facts and an instant go in, a plan or a refusal comes out."""
