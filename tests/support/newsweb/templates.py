"""Page themes: the markup that real publishing systems put around an article, comment forms included.

A theme takes an article, its publisher and links to other articles, and gives a whole page. Whatever a theme adds,
the article's own text is exactly its paragraphs, each in one `<p>`.
"""

import json
from collections.abc import Callable, Sequence
from html import escape
from typing import NamedTuple

from .article_files import WebArticle
from .publishers import Publisher


class Link(NamedTuple):
    """A headline of another article and where it leads."""

    title: str
    url: str


Theme = Callable[[WebArticle, Publisher, Sequence[Link], str], str]

EMAIL_NOTE = "Your email address will not be published."
REQUIRED_NOTE = "Required fields are marked"
SAVE_NOTE = "Save my name, email, and website in this browser for the next time I comment."
SCRIPT = "<script>window.dataLayer=window.dataLayer||[];dataLayer.push({'event':'pageview'});</script>"


def render_page(article: WebArticle, publisher: Publisher, links: Sequence[Link] = (), *, bulk: str = "") -> str:
    """Return the article's page in its publisher's theme; `bulk` is markup without text, to make a page heavy."""
    return THEMES[publisher.theme](article, publisher, links, bulk)


# --- parts ----------------------------------------------------------------------------------------------------


def head(article: WebArticle, publisher: Publisher, *parts: str) -> str:
    charset = f'<meta charset="{publisher.charset}">' if publisher.charset else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{article.language}">\n<head>{charset}'
        f"<title>{escape(article.title)} - {escape(publisher.name)}</title>\n"
        f'<link rel="canonical" href="{escape(publisher.url(article))}">\n' + "\n".join(parts) + "\n</head>\n"
    )


def meta(**values: str | None) -> str:
    """Open Graph and named metas; a double underscore stands for the colon."""
    return "\n".join(
        f'<meta {"property" if "__" in name else "name"}="{name.replace("__", ":")}" content="{escape(value)}">'
        for name, value in values.items()
        if value
    )


def open_graph(article: WebArticle, publisher: Publisher) -> str:
    images = picture_urls(article, publisher)
    return meta(
        og__type="article",
        og__title=article.title,
        og__description=article.summary,
        og__url=publisher.url(article),
        og__site_name=publisher.name,
        og__image=images[0] if images else None,
    )


def picture_urls(article: WebArticle, publisher: Publisher) -> list[str]:
    return [f"http://{publisher.host}/media/{picture.file}" for picture in article.images]


def json_ld(article: WebArticle, publisher: Publisher, *, in_graph: bool = False) -> str:
    """The article as schema.org says it; `in_graph` hides it among a site's other nodes, as SEO plug-ins do."""
    node = {
        "@type": "OpinionNewsArticle" if article.opinion else "NewsArticle",
        "headline": article.title,
        "description": article.summary,
        "datePublished": article.published.isoformat(),
        "dateModified": (article.updated or article.published).isoformat(),
        "author": [{"@type": "Person", "name": author} for author in article.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": publisher.name},
        "articleSection": article.section,
        "inLanguage": article.language,
        "mainEntityOfPage": publisher.url(article),
        "image": [
            {"@type": "ImageObject", "url": url, "width": 160, "height": 90, "caption": picture.caption}
            for url, picture in zip(picture_urls(article, publisher), article.images, strict=True)
        ],
    }
    site = {"@type": "WebSite", "name": publisher.name, "url": f"http://{publisher.host}/"}
    data = {"@context": "https://schema.org", **({"@graph": [site, node]} if in_graph else node)}
    text = json.dumps(data).replace("</", "<\\/")  # a "</script>" in a string would end the element
    return f'<script type="application/ld+json">{text}</script>'


def paragraphs(article: WebArticle) -> str:
    """The body, with the pictures after its first paragraph."""
    first, *rest = (f"<p>{escape(paragraph, quote=False)}</p>" for paragraph in article.paragraphs)
    figures = [
        f'<figure class="wp-block-image"><img src="/media/{picture.file}" alt="{escape(picture.alt)}" width="160" '
        f'height="90"><figcaption>{escape(picture.caption)} <span class="credit">{escape(picture.credit)}</span>'
        "</figcaption></figure>"
        for picture in article.images
    ]
    return "\n".join([first, *figures, *rest])


def navigation(publisher: Publisher) -> str:
    names = ("Home", "World", "Politics", "Business", "Sport", "Culture")
    items = "".join(f'<li><a href="/{name.lower()}">{name}</a></li>' for name in names)
    return f'<header class="site-header"><a href="/">{escape(publisher.name)}</a><nav><ul>{items}</ul></nav></header>'


def footer(publisher: Publisher) -> str:
    return (
        f'<footer id="colophon" class="site-footer"><p>© {escape(publisher.name)}. All rights reserved. '
        "Powered by WordPress</p></footer></body>\n</html>\n"
    )


def headlines(links: Sequence[Link], tag: str = "p") -> str:
    return "".join(f'<{tag}><a href="{escape(link.url)}">{escape(link.title)}</a></{tag}>' for link in links)


# --- themes ---------------------------------------------------------------------------------------------------


def wordpress(article: WebArticle, publisher: Publisher, links: Sequence[Link], bulk: str) -> str:
    """The classic theme: article, share block, related posts, `#comments` with the form in `#respond`."""
    by = ", ".join(article.authors)
    return (
        head(article, publisher, open_graph(article, publisher), json_ld(article, publisher), SCRIPT)
        + f'<body class="single single-post">{bulk}{navigation(publisher)}<main id="main" class="site-main">'
        f'<article class="post type-post hentry"><header class="entry-header"><h1 class="entry-title">'
        f"{escape(article.title)}</h1>"
        + (f'<p class="entry-subtitle">{escape(article.subtitle)}</p>' if article.subtitle else "")
        + f'<div class="entry-meta">By <span class="author vcard">{escape(by)}</span> '
        f'<time class="entry-date published" datetime="{article.published.isoformat()}">'
        f"{article.published:%B %d, %Y}</time></div></header>"
        f'<div class="entry-content">\n{paragraphs(article)}\n'
        '<div class="sharedaddy sd-sharing-enabled"><h3 class="sd-title">Share this:</h3><ul>'
        '<li><a class="share-twitter" href="#"><span>Click to share on Twitter (Opens in new window)</span></a></li>'
        '<li><a class="share-facebook" href="#"><span>Click to share on Facebook (Opens in new window)</span></a></li>'
        '</ul></div><div id="jp-relatedposts" class="jp-relatedposts"><h3 class="jp-relatedposts-headline">Related</h3>'
        f"{headlines(links[:3])}</div></div></article>"
        '<div id="comments" class="comments-area"><h2 class="comments-title">One thought on this story</h2>'
        '<ol class="comment-list"><li class="comment"><article class="comment-body"><footer class="comment-meta">'
        '<b class="fn">Reader K.</b> <span class="says">says:</span></footer><div class="comment-content"><p>I have '
        "read this page for many years and nobody has ever asked me what I think of the headlines.</p></div></article>"
        '</li></ol><div id="respond" class="comment-respond"><h3 id="reply-title" class="comment-reply-title">Leave a '
        'Reply <small><a rel="nofollow" href="#respond" style="display:none;">Cancel reply</a></small></h3>'
        '<form action="/wp-comments-post.php" method="post" id="commentform" class="comment-form">'
        f'<p class="comment-notes"><span id="email-notes">{EMAIL_NOTE}</span> <span class="required-field-message">'
        f'{REQUIRED_NOTE} <span class="required">*</span></span></p><p class="comment-form-comment"><label '
        'for="comment">Comment</label><textarea id="comment" name="comment"></textarea></p>'
        f'<p class="comment-form-cookies-consent"><label>{SAVE_NOTE}</label></p><p class="form-submit">'
        '<input type="submit" value="Post Comment"></p></form></div></div></main>' + footer(publisher)
    )


def builder(article: WebArticle, publisher: Publisher, links: Sequence[Link], bulk: str) -> str:
    """A page builder: nameless nested divs, and the form in the content column without a telling id."""
    metas = meta(
        author=", ".join(article.authors),
        article__published_time=article.published.isoformat(),
        article__modified_time=article.updated.isoformat() if article.updated else None,
        article__section=article.section,
    )
    return (
        head(article, publisher, open_graph(article, publisher), metas, SCRIPT) + f"<body>{bulk}{navigation(publisher)}"
        '<div class="elementor-section"><div class="elementor-container"><div class="elementor-column">'
        f'<div class="elementor-widget-wrap"><h1 class="elementor-heading-title">{escape(article.title)}</h1>'
        f'<div class="elementor-widget-theme-post-content"><div class="elementor-widget-container">\n'
        f"{paragraphs(article)}\n</div></div>"
        '<div class="elementor-widget"><div class="elementor-widget-container"><h3>Leave A Reply</h3>'
        f'<form class="ct-form" action="/comments" method="post"><p>{EMAIL_NOTE} {REQUIRED_NOTE} *</p>'
        f"<p>{SAVE_NOTE}</p></form></div></div></div></div>"
        f'<div class="elementor-column"><div class="elementor-posts"><h4>Latest</h4>{headlines(links[:4], "h5")}</div>'
        "</div></div></div>" + footer(publisher)
    )


def newspaper(article: WebArticle, publisher: Publisher, links: Sequence[Link], bulk: str) -> str:
    """A newspaper theme: share bar, READ ALSO in the text, newsletter and author boxes, related, a form."""
    by = ", ".join(article.authors)
    also = links[0] if links else Link("More news", "/")
    return (
        head(article, publisher, open_graph(article, publisher), json_ld(article, publisher, in_graph=True), SCRIPT)
        + f'<body class="td-body">{bulk}{navigation(publisher)}<div class="td-main-content-wrap">'
        f'<div class="td-ss-main-content"><article class="td-post"><h1 class="entry-title">{escape(article.title)}</h1>'
        + (f'<p class="td-post-sub-title">{escape(article.subtitle)}</p>' if article.subtitle else "")
        + f'<div class="td-post-author-name">By <a href="/author/desk">{escape(by)}</a></div>'
        f'<time class="entry-date" datetime="{article.published.isoformat()}">{article.published:%d %B %Y}</time>'
        '<div class="td-post-sharing"><a href="#">Facebook</a> <a href="#">Twitter</a> <a href="#">WhatsApp</a></div>'
        f'<div class="td-post-content">\n{paragraphs(article)}\n'
        f'<p><strong>READ ALSO: <a href="{escape(also.url)}">{escape(also.title)}</a></strong></p>'
        '<div class="newsletter-box"><h4>The morning in your inbox</h4><p>Sign up for our newsletter and get the '
        'latest news every morning.</p></div></div><div class="author-box"><p>The author has reported for this paper '
        f'for many years.</p></div><div class="td-related"><h4>RELATED ARTICLES</h4>{headlines(links[1:4])}</div>'
        '<div class="td-comments"><h4>LEAVE A REPLY</h4><p class="td-warn">Please enter your comment!</p>'
        f"<p>{EMAIL_NOTE} {REQUIRED_NOTE} *</p><p>{SAVE_NOTE}</p></div></article></div></div>" + footer(publisher)
    )


def flat(article: WebArticle, publisher: Publisher, links: Sequence[Link], bulk: str) -> str:
    """Flattened markup: no class, no id, the comment form's lines are plain paragraphs at the article's end."""
    metas = meta(author=", ".join(article.authors), date=article.published.isoformat(), description=article.summary)
    return (
        head(article, publisher, metas) + f"<body>{bulk}<div><h1>{escape(article.title)}</h1>\n{paragraphs(article)}\n"
        f"<p>Leave A Reply</p>\n<p>{EMAIL_NOTE} {REQUIRED_NOTE} *</p>\n</div></body>\n</html>\n"
    )


def minimal(article: WebArticle, publisher: Publisher, links: Sequence[Link], bulk: str) -> str:
    """An agency's bare page: headline, byline, `<time>`, text."""
    return (
        head(article, publisher) + f'<body>{bulk}<article><h1>{escape(article.title)}</h1><p class="byline">By '
        f'<a rel="author" href="/desk">{escape(", ".join(article.authors))}</a>, '
        f'<time datetime="{article.published.isoformat()}">{article.published:%Y-%m-%d %H:%M}</time></p>\n'
        f"{paragraphs(article)}\n</article></body>\n</html>\n"
    )


THEMES: dict[str, Theme] = {
    "wordpress": wordpress,
    "builder": builder,
    "newspaper": newspaper,
    "flat": flat,
    "minimal": minimal,
}
