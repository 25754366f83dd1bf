"""Room spectra: what an mzML holds, measured from its peaks, and the same run centroided, tagged and stripped."""
