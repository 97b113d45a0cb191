from django.urls import path

from exports import api

urlpatterns = [
    path("exports", api.ExportsView.as_view(), name="exports"),
    path("exports/<int:pk>", api.ExportView.as_view(), name="export"),
    path("exports/<int:pk>/approve", api.ApproveExportView.as_view(), name="approve-export"),
    path("exports/<int:pk>/download", api.DownloadExportView.as_view(), name="download-export"),
]
