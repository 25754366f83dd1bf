"""The call desk: from applications and scores to a ranking, awards, letters, and rows of the site's sheets."""
