"""The life of a change: who may write, decide and take back what the gateway relies on."""
