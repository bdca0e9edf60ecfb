"""scripts/ray_classify: clipcls on the workers of a Ray cluster. (A folder named ray would hide Ray itself.)"""
