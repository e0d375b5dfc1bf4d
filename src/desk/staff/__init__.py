"""The staff area's shell: layout, navigation, style and the tags its pages share."""
