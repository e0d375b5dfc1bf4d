"""The pages of exports: ask, watch, fetch, look back, verify. Neutral: they fit a host's base."""
