"""Numbers and tables that the chapter on image models prints, as strings.

Functions take tables or results of ``sizes`` and ``layers``. They return a dict of strings by
glue key for ``figures.glue_all``, or a table for ``figures.table``. Nothing is computed here
but ratios and differences.
"""

import pandas as pd

from model_economics import layers, sizes
from model_economics.claims import cnn_history

# Networks whose figures are quoted, by the short name in their keys.
QUOTED = {
    "alexnet": "alexnet-caffe",
    "vgg16": "vgg-16",
    "vgg19": "vgg-19",
    "google": "googlenet-caffe",
    "squeeze": "squeezenet-1.0",
    "resnet50": "resnet-50",
    "resnet152": "resnet-152",
    "resnext50": "resnext-50-32x4d",
    "mobile": "mobilenet-v1-1.0-224",
    "mobile128": "mobilenet-v1-1.0-128",
    "netinnet": "nin-imagenet",
    "dense": "densenet-121",
    "senet": "senet-154",
    "wsl": "resnext-101-32x48d-wsl",
}


def networks(cnn):
    """Figures of the networks in QUOTED.

    ``m_…`` million parameters, ``g_…`` billion and ``mm_…`` million multiply-accumulates,
    ``mb_…`` published memory of outputs in MB.
    """
    rows = cnn.set_index("model")
    texts = {}
    for key, model in QUOTED.items():
        row = rows.loc[model]
        texts[f"m_{key}"] = _three_digits(row["params_m"])
        texts[f"g_{key}"] = _three_digits(row["gmacs"])
        texts[f"mm_{key}"] = f"{row['gmacs'] * 1e3:,.0f}"
        texts[f"mb_{key}"] = f"{row['feature_memory_mb']:.0f}"
    return {key: text for key, text in texts.items() if "nan" not in text}


def pairs(ratios):
    """Ratios of parameters between the networks of the claim of 100 times.

    ratios : result of ``cnn_history.size_ratios``
    """
    by_params = ratios.set_index("pair")["by_params"]
    return {
        "alex_google": f"{by_params['AlexNet → GoogLeNet']:.1f}",
        "vgg16_google": f"{by_params['VGG-16 → GoogLeNet']:.1f}",
        "vgg19_google": f"{by_params['VGG-19 → GoogLeNet']:.1f}",
        "vgg16_mobile": f"{by_params['VGG-16 → MobileNet']:.0f}",
        "alex_squeeze": f"{by_params['AlexNet → SqueezeNet']:.0f}",
        "vgg16_squeeze": f"{by_params['VGG-16 → SqueezeNet']:.0f}",
    }


def timeline(cnn, contests):
    """Growth, first cut and giants; errors of the contest of 2014."""
    size, when = _column(cnn, "params_m"), _column(cnn, "released_on")
    entry = contests.set_index("entry")
    google = entry.loc["ilsvrc-2014-googlenet"]
    return {
        "google_year": f"{when['googlenet-caffe'].year}",
        "growth_vgg": f"{size['vgg-19'] / size['alexnet-caffe']:.1f}",
        "growth_months": f"{sizes.months_since_first(when[['alexnet', 'vgg-19']]).max():.0f}",
        "vgg_google_days": f"{(when['googlenet'] - when['vgg-16']).days}",
        "nin_alex": f"{size['alexnet-caffe'] / size['nin-imagenet']:.1f}",
        "google_error": f"{google['team_top5_error_pct']:.2f}",
        "google_single": f"{google['single_top5_error_pct']:.2f}",
        "vgg_error": f"{entry.loc['ilsvrc-2014-vgg', 'team_top5_error_pct']:.2f}",
        "largest_b": f"{size.max() / 1e3:.0f}",
        "largest_vgg": f"{size.max() / size['vgg-19']:.0f}",
    }


def gigabytes(cnn):
    """Accuracy kept by GoogLeNet, and the largest weight files before and since 2016."""
    top1, size = _column(cnn, "top1_pct"), _column(cnn, "params_m")
    before = cnn[cnn["released_on"] < "2016-01-01"]
    first = cnn[cnn["weights_file_mb"] >= cnn_history.GIGABYTE_MB]
    first = first.sort_values("released_on").iloc[0]
    needed_m = cnn_history.CLAIMED_RATIO * size["googlenet-caffe"]
    return {
        "gap_vgg": f"{top1['vgg-16'] - top1['googlenet']:.1f}",
        "lead_alex": f"{top1['googlenet'] - top1['alexnet']:.1f}",
        "largest_file_mb": f"{before['weights_file_mb'].max():.0f}",
        "first_gb": first["name"],
        "first_gb_year": f"{first['released_on'].year}",
        "squeeze_when": f"{_column(cnn, 'released_on')['squeezenet-1.0']:%B %Y}",
        "twelfth_m": f"{60 / 12:.0f}",
        "needed_m": f"{needed_m:.0f}",
        "needed_vgg": f"{needed_m / size['vgg-19']:.1f}",
        "billion_google": f"{1000 / size['googlenet-caffe']:.0f}",
    }


def training_memory(cnn, shapes, batch_images):
    """What training VGG-16 and GoogLeNet holds in memory, in GB.

    shapes : the table ``cnn_layers``; keys that end in ``_own`` are counted from it, the
    other memories of outputs are published
    """
    kinds, own_mb = layers.params_by_kind(shapes), layers.network_costs(shapes)["activation_mb"]
    state = layers.training_state_gb((kinds["total"] + kinds["auxiliary"]) / 1e6)
    outputs = _column(cnn, "feature_memory_mb") * batch_images / 1e3
    vgg, google = "vgg-16", "googlenet-caffe"
    return {
        "batch": f"{batch_images}",
        "state_vgg": f"{state[vgg]:.2f}",
        "state_google": f"{state[google]:.2f}",
        "state_ratio": f"{state[vgg] / state[google]:.0f}",
        "outputs_vgg": f"{outputs[vgg]:.1f}",
        "outputs_google": f"{outputs[google]:.1f}",
        "outputs_ratio": f"{outputs[vgg] / outputs[google]:.1f}",
        "outputs_ratio_own": f"{own_mb[vgg] / own_mb[google]:.1f}",
        "squeezenet_memory_own": f"{own_mb['squeezenet-1.0'] / own_mb['alexnet-caffe']:.0f}",
    }


def kinds_of_layers(kinds):
    """Shares of the fully connected layers, and convolutions alone."""
    share_pct = 100 * kinds["fully connected"] / kinds["total"]
    convolutions_m = kinds["convolution"] / 1e6
    vgg, google = convolutions_m["vgg-16"], convolutions_m["googlenet-caffe"]
    return {
        "alex_fc": f"{share_pct['alexnet-caffe']:.0f} %",
        "vgg16_fc": f"{share_pct['vgg-16']:.0f} %",
        "vgg19_fc": f"{share_pct['vgg-19']:.0f} %",
        "vgg16_conv_m": f"{vgg:.1f}",
        "google_conv_m": f"{google:.1f}",
        "vgg_conv_ratio": f"{vgg / google:.1f}",
    }


def work(cnn, relative):
    """Costs relative to AlexNet, and what ResNet, ResNeXt and MobileNet save.

    relative : result of ``cnn_history.relative_costs``
    """
    size, gmacs, top1 = (_column(cnn, c) for c in ("params_m", "gmacs", "top1_pct"))
    texts = {
        f"{network.split('-')[0].lower()}_{short}": f"{relative.loc[network, column]:.{digits}f}"
        for column, short, digits in [
            ("params_m", "size", 2),
            ("gmacs", "work", 1),
            ("feature_memory_mb", "memory", 0),
        ]
        for network in relative.index
    }
    low, full = "mobilenet-v1-1.0-128", "mobilenet-v1-1.0-224"
    return texts | {
        "res_ratio": f"{size['vgg-16'] / size['resnet-50']:.1f}",
        "squeeze11_work": f"{gmacs['squeezenet-1.1'] / gmacs['alexnet-caffe']:.1f}",
        "res_work": f"{gmacs['vgg-16'] / gmacs['resnet-50']:.1f}",
        "next_points": f"{top1['resnext-50-32x4d'] - top1['resnet-50']:.1f}",
        "low_points": f"{top1[full] - top1[low]:.1f}",
    }


def halving(fits, paths):
    """Halving times: headline, operations and the range over all choices; ends of the paths.

    fits : ``sizes.Halving`` by choice; paths : result of ``sizes.record_paths``
    """
    main, macs = fits["parameters"], fits["operations"]
    plain = fits["without AlexNet and VGG"]
    months = [fit.halving_months for fit in fits.values()]
    held = paths.groupby("threshold")
    first, last = held["params_m"].first(), held["params_m"].last()
    texts = {
        "halving": f"{main.halving_months:.0f}",
        "halving_low": f"{main.low_months:.0f}",
        "halving_high": f"{main.high_months:.0f}",
        "halving_macs": f"{macs.halving_months:.0f}",
        "halving_macs_low": f"{macs.low_months:.0f}",
        "halving_macs_high": f"{macs.high_months:.0f}",
        "plain": f"{plain.halving_months:.0f}",
        "plain_low": f"{plain.low_months:.0f}",
        "plain_high": f"{plain.high_months:.0f}",
        "n_records": f"{main.n}",
        "n_holders": f"{paths['model'].nunique()}",
        "choice_min": f"{min(months):.0f}",
        "choice_max": f"{max(months):.0f}",
        "lowest": f"{min(fit.low_months for fit in fits.values()):.0f}",
        "highest": f"{max(fit.high_months for fit in fits.values()):.0f}",
        "plane": f"{fits['all networks, a plane'].halving_months:.0f}",
        "choice_paper": f"{fits['as the papers print'].halving_months:.0f}",
        "interval_factor": f"{main.high_months / main.low_months:.0f}",
        "shrink_70": f"{first[70] / last[70]:.0f}",
        "fewest": f"{held.size().min()}",
        "most": f"{held.size().max()}",
        "last_record_55": f"{held['released_on'].max()[55]:%B %Y}",
    }
    for level in first.index:
        texts[f"first_{level:.0f}"] = f"{first[level]:.1f}"
        texts[f"last_{level:.0f}"] = f"{last[level]:.1f}"
    by_level = sizes.halving_by_threshold(paths).set_index("threshold")["halving_months"]
    return texts | {f"path_{level:.0f}": f"{months:.0f}" for level, months in by_level.items()}


def ranges(cnn, distinct, yearly, spread, change, early):
    """Counts beside the balanced middle, yearly sizes, and the change of the spread.

    distinct : result of ``sizes.distinct_networks``; yearly, spread : results of
    ``sizes.spread_by_period`` for years and for periods; change, early : of
    ``sizes.spread_change`` from the first period to the last and to the second
    """
    size = _column(cnn, "params_m")
    is_late = distinct["released_on"] >= "2015-01-01"
    later = distinct.loc[is_late, "params_m"]
    low, high = cnn_history.MIDDLE_M
    is_between = later.between(size["googlenet-caffe"], size["vgg-19"])
    since_2017 = yearly[yearly.index.astype(int) >= 2017]
    texts = {
        "n_later": f"{len(later)}",
        "n_between": f"{is_between.sum()}",
        "least_range": f"{(since_2017['largest'] / since_2017['smallest']).min():.0f}",
        "n_middle": f"{later.between(low, high).sum()}",
        "middle_low": f"{low}",
        "middle_high": f"{high}",
        "n_small": f"{(later < size['googlenet-caffe']).sum()}",
        "n_giant": f"{(later > size['vgg-19']).sum()}",
        "n_early": f"{distinct.loc[~is_late, 'family'].nunique()}",
    }
    for number, doublings in enumerate(spread["spread_doublings"]):
        texts[f"spread_{number}"] = f"{doublings:.1f}"
    for row in change.index:
        for column, doublings in change.loc[row].items():
            texts[f"{row}_{column}"] = f"{doublings:.1f}".replace("-", "−")
    for column in ("low", "high"):
        texts[f"early_{column}"] = f"{early.loc['spread', column]:.1f}".replace("-", "−")
    for column in ("smallest", "median", "largest"):
        for year, value in yearly[column].items():
            texts[f"{column}_{year}"] = f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
    return texts


def transfer(cnn, studies):
    """Accuracy of MobileNet, GoogLeNet and VGG-16 in one protocol; correlations of a study."""
    top1 = _column(cnn, "top1_pct")
    result = studies.set_index("result")
    return {
        "n_transfer": f"{result.loc['kornblith-2019-fixed', 'models_n']}",
        "r_fixed": f"{result.loc['kornblith-2019-fixed', 'value']:.2f}",
        "r2_public": f"{result.loc['kornblith-2018-fixed', 'value']:.2f}",
        "mobile_top1": f"{top1['mobilenet-v1-1.0-224']:.1f}",
        "vgg_slim_top1": f"{top1['vgg-16-slim']:.1f}",
        "google_slim_top1": f"{top1['googlenet-slim']:.1f}",
    }


def transfer_table(studies):
    """Studies of transfer as a table of strings, with citations."""
    symbol = studies["measure"].map({"correlation r": "r = ", "determination r2": "r² = "})
    value = studies["value"].map("{:.2f}".format, na_action="ignore")
    return pd.DataFrame(
        {
            "study": "{cite:t}`" + studies["source"] + "`",
            "setting": studies["setting"],
            "statistic": (symbol + value).fillna("not given"),
            "finding": studies["finding"],
        }
    )


def corrections_table(corrections, cnn):
    """Published figures and those used instead, as a table of strings with citations."""
    number = "{:,.4g}".format
    names = corrections["model"].map(_column(cnn, "name"))
    return pd.DataFrame(
        {
            "figure": "**" + names + "**: " + corrections["quantity"],
            "printed": corrections["printed_value"].map(number),
            "used": corrections["used_value"].map(number),
            "printed by": "{cite:t}`" + corrections["source"] + "`",
        }
    )


def _column(cnn, name):
    return cnn.set_index("model")[name]


def _three_digits(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}"
