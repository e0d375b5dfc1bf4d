"""People hear of their exports: what a notice says, and the channels it goes by."""
