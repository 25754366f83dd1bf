check_bam=check_cram=check_sam=None
