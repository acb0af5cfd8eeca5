"""The exchange's HTTP edge: each module one resource; `routers` lists them, `access_table` says who may enter."""
