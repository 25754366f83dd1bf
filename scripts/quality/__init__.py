"""Quality: what is measured on a sample's alignment and variants, as the field's standards define it."""
