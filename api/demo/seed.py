async def seed_demo(database, store, progress):
    return True
