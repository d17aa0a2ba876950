"""The pure decision: values in, values out; no clock, file, network or randomness."""
