"""What a policy amounts to before it is signed: who reaches whom at which level, and what contradicts itself.

Pure static analysis of a RecognitionPolicy at one instant; no certificate is validated here.
"""
