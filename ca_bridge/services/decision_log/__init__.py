"""Every decision is written down before it is answered; whoever asks gets a receipt of it."""
