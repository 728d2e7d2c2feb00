"""Supervision and inspection (监督检查): campaigns, the rolling programme, inspections and what follows from them."""
