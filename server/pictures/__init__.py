"""Pictures that people upload: made into plain rasters, by a process that can do nothing else."""
