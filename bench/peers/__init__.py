"""Who is compared: the platform, a hand-written endpoint, Strawberry with the ORM, PostGraphile."""
