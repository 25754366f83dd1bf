check_netcdf=None
