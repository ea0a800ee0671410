# smdr-collector as a container: compose.yaml runs it with InfluxDB and Grafana.
FROM python:3.13-slim

# dialout: the group serial ports belong to on Debian, given to the container with `devices:`.
RUN useradd --system --groups dialout --home-dir /var/lib/smdr --create-home smdr

# Chinese characters in reports as PDF.
RUN apt-get update && apt-get install -y --no-install-recommends fonts-wqy-microhei && rm -rf /var/lib/apt/lists/*

WORKDIR /usr/src/smdr
COPY pyproject.toml README.md constraints.txt ./
COPY collector collector
COPY parsers parsers
COPY dashboards dashboards
RUN pip install --no-cache-dir --constraint constraints.txt .

USER smdr
WORKDIR /var/lib/smdr
VOLUME /var/lib/smdr
ENTRYPOINT ["smdr"]
CMD ["run", "-c", "/etc/smdr/smdr.toml"]
