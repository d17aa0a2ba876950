"""What a change of policy would do to the answers: the same questions under two policies, compared."""
