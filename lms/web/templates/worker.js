{# A script, not a page: what belongs together by content, and the parts that keep it. -#}
self.SHELL = {{ shell|tojson }};
self.FILES = {{ files|tojson }};
importScripts({{ url_for('static', filename='js/keeping.js')|tojson }}, {{ own|tojson }});
