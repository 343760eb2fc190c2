"""The demonstration of a whole network: a region's record after a year, made up and signed.

Fills a new folder for the hub to show; every name in it says that it is fictitious.
Imports the records, the exchange and the labels' numbers.
"""
