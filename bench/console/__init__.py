"""All that is drawn with Textual, and the senses around it: keyboard, voice, chime.

It draws the views of `bench.screens` and decides nothing.
The only room that imports Textual; knows the screens, the guide and the words.
"""
