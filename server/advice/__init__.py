"""Advice: gathered from floor and till, planned as tests, and judged by what came of them."""
