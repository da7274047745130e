"""The small fixed world of the out-of-domain miniatures and instructions: facts known by heart."""

NAMES = ("Amy", "Bob", "Cal", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jim", "Kim", "Leo")
"""People, who act and have no properties."""

TOOLS = {
    "kettle": ("boil water", "kitchen"),
    "spoon": ("stir soup", "kitchen"),
    "saw": ("cut wood", "workshop"),
    "hammer": ("drive nails", "workshop"),
    "spade": ("dig holes", "garden"),
    "rake": ("gather leaves", "garden"),
    "towel": ("dry hair", "bathroom"),
    "soap": ("wash hands", "bathroom"),
    "pen": ("write letters", "office"),
    "glue": ("join paper", "office"),
    "rope": ("tie boats", "harbor"),
    "paddle": ("move rafts", "harbor"),
}
"""Tool to what it is for and where it is kept."""

ANIMALS = {
    "cow": ("fur", "farm"),
    "horse": ("fur", "farm"),
    "wolf": ("fur", "forest"),
    "bear": ("fur", "forest"),
    "seal": ("fur", "sea"),
    "hen": ("feathers", "farm"),
    "goose": ("feathers", "farm"),
    "owl": ("feathers", "forest"),
    "crow": ("feathers", "forest"),
    "gull": ("feathers", "sea"),
    "puffin": ("feathers", "sea"),
    "snake": ("scales", "forest"),
    "lizard": ("scales", "forest"),
    "shark": ("scales", "sea"),
    "cod": ("scales", "sea"),
    "pig": ("skin", "farm"),
    "frog": ("skin", "forest"),
    "whale": ("skin", "sea"),
    "dolphin": ("skin", "sea"),
}
"""Animal to what covers it and where it lives."""

MATERIALS = {
    "bottle": "glass",
    "window": "glass",
    "chair": "wood",
    "door": "wood",
    "nail": "steel",
    "knife": "steel",
    "sock": "wool",
    "shirt": "wool",
}
"""Thing to what it is made of."""

OBJECTS = ("eggs", "pens", "coins", "cards")
"""What people count."""
