# lstmviz with all that it needs, for machines where nothing shall be installed:
#
#   docker build -t lstmviz .
#   docker run --rm --user "$(id -u)" -v "$PWD":/films lstmviz render tanh -o tanh.mp4
#
# pycairo and ManimPango are compiled in the first image; the second has no compiler.
FROM python:3.11-slim AS built
RUN apt-get update -q \
    && apt-get install -q -y --no-install-recommends gcc pkg-config libcairo2-dev libpango1.0-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY lstmviz lstmviz
COPY scenes scenes
COPY tools tools
RUN python -m venv /opt/lstmviz \
    && /opt/lstmviz/bin/pip install --no-cache-dir -c constraints.txt '.[networks,slides]'

FROM python:3.11-slim
RUN apt-get update -q \
    && apt-get install -q -y --no-install-recommends libcairo2 libpangocairo-1.0-0 \
    && rm -rf /var/lib/apt/lists/*
COPY --from=built /opt/lstmviz /opt/lstmviz
# What is drawn is kept while the container lives; mount a folder there to keep it for longer.
ENV PATH=/opt/lstmviz/bin:$PATH LSTMVIZ_CACHE=/cache
RUN mkdir -m 1777 /cache /films
USER nobody
WORKDIR /films
ENTRYPOINT ["lstmviz"]
CMD ["--help"]
