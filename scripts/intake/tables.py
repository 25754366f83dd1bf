check_vcf=check_bed=check_tsv=None
