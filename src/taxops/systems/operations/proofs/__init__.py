"""What each check kind was proven against (验证情况), here and in the platform's own tests. GX:61-109.

A kind that the tests never carried out against the real product says 从未对真实系统验证, until somebody of this
installation confirms that its results agree with the product's own tools: who, when, against which version.
"""
