"""nbgrader for students in a cluster: ngshare is the exchange."""

c = get_config()

c.Exchange._ngshare_url = "http://ngshare:8080/services/ngshare"
c.ExchangeFactory.exchange = "ngshare_exchange.exchange.Exchange"
c.ExchangeFactory.list = "ngshare_exchange.list.ExchangeList"
c.ExchangeFactory.fetch_assignment = "ngshare_exchange.fetch_assignment.ExchangeFetchAssignment"
c.ExchangeFactory.fetch_feedback = "ngshare_exchange.fetch_feedback.ExchangeFetchFeedback"
c.ExchangeFactory.submit = "ngshare_exchange.submit.ExchangeSubmit"
c.ExchangeFactory.collect = "ngshare_exchange.collect.ExchangeCollect"
c.ExchangeFactory.release_assignment = "ngshare_exchange.release_assignment.ExchangeReleaseAssignment"
c.ExchangeFactory.release_feedback = "grader.hub.ngshare_feedback.ReleaseFeedback"
# Assignments of two courses may have the same name.
c.Exchange.path_includes_course = True
# The hub says who takes which course.
c.Authenticator.plugin_class = "nbgrader.auth.jupyterhub.JupyterHubAuthPlugin"
