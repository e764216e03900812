"""Files: data files read strictly, with the place of every value."""
