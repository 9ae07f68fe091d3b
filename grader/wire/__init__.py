"""The code that runs beside a student's.

It imports nothing but the standard library, NumPy, torch, safetensors and itself, and holds nothing worth
stealing: no expected value, no tolerance, no check.
"""
