"""What every list of Desk shares: filters, pages, totals, search."""
