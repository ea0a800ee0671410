"""What people look at: Grafana dashboards as code, the built-in console, reports; and the words they all use."""
