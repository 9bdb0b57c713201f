from django.contrib.auth import views as auth
from django.urls import include, path

from hedra_studio import views

urlpatterns = [
    path("", include("generations.urls")),  # first, as its first is what is asked most often
    path("", views.home, name="home"),
    path("keys/", views.keys, name="keys"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("login/", auth.LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("logout/", auth.LogoutView.as_view(), name="logout"),
    path("", include("catalog.urls")),
]
