"""What systems tell and ask each other: typed events and questions, one file per publisher."""
