"""`python3 -m nurture …`: make sure of the environment, then hand over to the terminal.

Nothing but the standard library may be imported before `enter` returns.
"""

from nurture.bootstrap import enter

if __name__ == "__main__":
    enter("nurture")

    from nurture.cli import main

    main()
