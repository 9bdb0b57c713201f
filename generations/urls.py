from django.urls import path, re_path

from .views import assets, buying, create, drafts, fan_out, gallery, hooks, library, presets, take, unclear

urlpatterns = [
    path("create/", create.create, name="create"),
    path("create/panel/", create.create_panel, name="create_panel"),
    path("create/price/", create.create_price, name="create_price"),
    path("create/draft/", drafts.draft_keep, name="draft_keep"),
    path("create/draft/back/", drafts.draft_back, name="draft_back"),
    path("create/prompts/", drafts.prompts, name="prompts"),
    path("create/presets/", presets.presets, name="presets"),
    path("create/presets/<int:pk>/use/", presets.preset_use, name="preset_use"),
    path("create/presets/<int:pk>/name/", presets.preset_rename, name="preset_rename"),
    path("create/presets/<int:pk>/delete/", presets.preset_delete, name="preset_delete"),
    path("create/spending/", buying.purse, name="purse"),
    path("create/several/", fan_out.several, name="several"),
    path("create/several/order/", fan_out.several_order, name="several_order"),
    path("create/slot/", assets.create_slot, name="create_slot"),
    path("assets/", assets.asset_upload, name="asset_upload"),
    path("assets/<int:pk>/crop/", assets.asset_crop, name="asset_crop"),
    path("library/", library.library, name="library"),
    path("library/pick/", library.library_pick, name="library_pick"),
    path("library/<int:pk>/hide/", library.asset_hide, name="asset_hide"),
    path("library/<int:pk>/show/", library.asset_show, name="asset_show"),
    re_path(r"^assets/(?P<pk>[0-9]{1,18})/(?P<name>file|thumbnail)$", assets.asset_file, name="asset_file"),
    path("gallery/", gallery.gallery, name="gallery"),
    path("gallery/updates/", gallery.gallery_updates, name="gallery_updates"),
    path("gallery/import/", gallery.history_import, name="history_import"),
    path("gallery/model/<int:pk>/", gallery.model_takes, name="model_takes"),
    path("gallery/<int:pk>/", take.take, name="take"),
    re_path(
        r"^gallery/(?P<pk>[0-9]{1,18})/(?P<name>result|poster|preview)$", take.take_file, name="take_file"
    ),
    path("gallery/<int:pk>/use/", take.take_use, name="take_use"),
    path("gallery/<int:pk>/again/", take.take_again, name="take_again"),
    path("gallery/<int:pk>/favorite/", take.take_favorite, name="take_favorite"),
    path("gallery/<int:pk>/retry/", take.take_retry, name="take_retry"),
    path("gallery/<int:pk>/ran/", unclear.take_ran, name="take_ran"),
    path("gallery/<int:pk>/never-ran/", unclear.take_never_ran, name="take_never_ran"),
    path("gallery/<int:pk>/delete/", take.take_delete, name="take_delete"),
    path("gallery/<int:pk>/restore/", take.take_restore, name="take_restore"),
    re_path(
        r"^shared/(?P<signed>[\w:-]{1,200})/(?P<name>input[.\w]{0,10})$",
        hooks.shared_input,
        name="shared_input",
    ),
    re_path(r"^hooks/hoox/(?P<token>[\w:-]{1,200})/$", hooks.hoox_hook, name="hoox_hook"),
]
