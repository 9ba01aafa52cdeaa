"""What do two versions of the policies say differently, and what rests on what?"""
