"""Room features: mass traces, elution peaks and isotope-grouped features of one centroided run."""
