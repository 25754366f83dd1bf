"""Room calibration: from areas to concentrations, and whether they are to be believed. Rules: ICH M10 (24 May 2022)."""
