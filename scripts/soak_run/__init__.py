"""The long run of scripts/soak: a collection with damaged files in it, and runs over it that are measured or killed."""
