"""The verbs over courses in the making."""
