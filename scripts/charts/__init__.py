"""Control charts: acceptance metrics over orders, with limits of the site's own history."""
